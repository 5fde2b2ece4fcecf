"""The entry check: is this customer already there?"""
