"""What is heard and what lights up. Position and rhythm tell the answers apart, colour only helps.

GO lights the right third in green, ASK the middle in amber, CANNOT VERIFY the left third in white-blue: whoever
sees no colours reads the place; right is the way on. First frequencies are fixed: they are how a sound is known.
Both tables are text, which takes a third of the memory of tuples.
"""

# hertz:milliseconds of each tone, 0 is silence. GO: two short high; ASK: three even; CANNOT VERIFY: one long low.
SOUNDS = {
    "click": "1200:15",
    "permitted": "2000:70 0:50 2000:120",
    "refer": "800:120 0:60 800:120 0:60 800:120",
    "unverifiable": "500:500",
    "recorded": "1600:60",
    "fault": "300:250 0:100 300:250",
    # One more person made the party too large: the click first, then the new answer.
    "click-refer": "1200:15 0:60 800:120 0:60 800:120",
}

# first light:end:red:green:blue of a bar of eight, left to right. GO is green, ASK amber, CANNOT VERIFY white-blue.
# A fault lights both ends, in rose: no answer does.
LIGHTS = {
    "permitted": "5:8:0:255:0",
    "refer": "3:5:255:140:0",
    "unverifiable": "0:3:120:160:255",
    "reading": "2:6:24:24:24",
    "fault": "0:1:200:0:60 7:8:200:0:60",
    "off": "",
}


def sound(name):
    """Return the tones of a sound as a list of (hertz, milliseconds)."""
    return _numbers(SOUNDS[name])


def lights(name):
    """Return what is lit as a list of (first light, end, red, green, blue)."""
    return _numbers(LIGHTS[name])


def _numbers(words):
    return [tuple([int(number) for number in group.split(":")]) for group in words.split()]
