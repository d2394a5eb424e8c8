"""The Pi's side: it keeps what edges testify, sealed. Imports contract and lot."""
