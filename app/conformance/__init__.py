"""The phone's contract, tried: scripted phones against a server, a server that fails on purpose against a phone.

What is tried are the numbered clauses of mobile_api_spec/. Nothing here opens a database.
"""
