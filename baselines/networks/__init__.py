"""The torch side of the models: modules and tokenizers, imported only where one is built."""
