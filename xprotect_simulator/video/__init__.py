"""Live and recorded video by WebRTC; needs the optional package `aiortc`."""
