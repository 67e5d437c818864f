"""Whatever is sent, pasted, pushed or found on disk: nothing breaks, and all is bounded.

The laws hold for anything; here the suite tries what is likeliest to break them. A
long run: ``script/test tests/fuzz --hypothesis-profile=long``.
"""
