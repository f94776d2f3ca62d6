"""The product: one room a folder; docs/ARCHITECTURE.md walks through them."""
