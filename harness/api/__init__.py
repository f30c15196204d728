"""What plugins are written with: values and protocols, offered to them by `import harness`.

May import `system` and `errors` alone.
"""
