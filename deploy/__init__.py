"""What runs on this machine: Kafka, the schema registry and Elasticsearch, the workers and the web page.

system     up and down of everything             embedded    the three services as processes of ours
services   the three services, whence they come  containers  the three services in containers
process    start, remember and stop a process    fetch       what Maven brings, kept in the cache
java       which Java fits which service         ports, health, progress    small helpers
"""
