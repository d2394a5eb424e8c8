"""From an event to the server's acknowledgement: sealed at once, durable before it is sent."""
