"""Recording servers: still pictures by SOAP, each on its own port."""
