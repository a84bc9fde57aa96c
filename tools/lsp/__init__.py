"""Cards in an editor: the language server behind `ideacard lsp`.

The law: nothing here knows what a card means. Findings come from `compiler.pipeline`, names from
`compiler.resolve.card`, keys from the JSON Schema, words from the catalogue; this package turns them into
the messages of the Language Server Protocol. Only `server.py` talks to the library for it.
"""
