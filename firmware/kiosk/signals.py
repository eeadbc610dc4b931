"""What is heard and what lights up. Position and rhythm tell the answers apart, colour only helps.

GO lights the right third in green, ASK the middle in amber, CANNOT VERIFY the left third in white-blue: whoever
sees no colours reads the place; right is the way on. First frequencies are fixed: they are how a sound is known.
"""

CLICK_HZ = 1200
GO_HZ = 2000
ASK_HZ = 800
CANNOT_VERIFY_HZ = 500
RECORDED_HZ = 1600
FAULT_HZ = 300

# (hertz, milliseconds), 0 is silence. GO: two short high; ASK: three even; CANNOT VERIFY: one long low.
SOUNDS = {
    "click": ((CLICK_HZ, 15),),
    "permitted": ((GO_HZ, 70), (0, 50), (GO_HZ, 120)),
    "refer": ((ASK_HZ, 120), (0, 60), (ASK_HZ, 120), (0, 60), (ASK_HZ, 120)),
    "unverifiable": ((CANNOT_VERIFY_HZ, 500),),
    "recorded": ((RECORDED_HZ, 60),),
    "fault": ((FAULT_HZ, 250), (0, 100), (FAULT_HZ, 250)),
    # One more person made the party too large: the click first, then the new answer.
    "click-refer": ((CLICK_HZ, 15), (0, 60), (ASK_HZ, 120), (0, 60), (ASK_HZ, 120)),
}

OFF = (0, 0, 0)
GREEN = (0, 255, 0)
AMBER = (255, 140, 0)
ICE = (120, 160, 255)
DIM = (24, 24, 24)
ROSE = (200, 0, 60)

# (first light, end, colour) of a bar of eight, left to right. A fault lights both ends: no answer does.
LIGHTS = {
    "permitted": ((5, 8, GREEN),),
    "refer": ((3, 5, AMBER),),
    "unverifiable": ((0, 3, ICE),),
    "reading": ((2, 6, DIM),),
    "fault": ((0, 1, ROSE), (7, 8, ROSE)),
    "off": (),
}
