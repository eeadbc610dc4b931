"""A card of a permit as it proves itself: AuthenticateEV2First of an NTAG 424 DNA, with one key for all of them."""

from cryptolib import aes

_CBC = 2
_OK, _MORE, _SELECTED = b"\x91\x00", b"\x91\xaf", b"\x90\x00"
_RANDOM = bytes(range(16))  # RndB; a bench takes no one in
_TRANSACTION = b"CARD"


class PermitCard:
    """`key`: 16 bytes."""

    def __init__(self, key):
        self._key = key

    def answer(self, apdu):
        """Return the answer to selecting the application and to both passes of the authentication."""
        command = apdu[1]
        if command == 0xA4:
            return _SELECTED
        if command == 0x71:
            return self._aes().encrypt(_RANDOM) + _MORE
        assert command == 0xAF and apdu[4] == 32, "the card does not know this command"
        plain = self._aes().decrypt(bytes(apdu[5:37]))
        assert plain[16:] == _RANDOM[1:] + _RANDOM[:1], "the board does not have the key"
        turned = plain[1:16] + plain[:1]
        return self._aes().encrypt(_TRANSACTION + turned + bytes(12)) + _OK

    def _aes(self):
        return aes(self._key, _CBC, bytes(16))
