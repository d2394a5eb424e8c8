"""How the house speaks HTTP: shapes, refusals, operations and the document made of them.

Flask comes with the server's and the edge's packages; nothing here is imported by who serves
nothing.
"""
