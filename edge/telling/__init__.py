"""Events told to an owner's other systems, where an owner switches that on: MQTT and webhooks.

What is told leaves in clear, plates too.
"""
