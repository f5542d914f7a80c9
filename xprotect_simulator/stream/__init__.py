"""The Events and State WebSocket."""
