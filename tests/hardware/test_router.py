"""The router: what it lays keeps its distances, whatever was in the way."""

import pytest

from hardware.route.field import CLEARANCE_MM
from hardware.route.router import Router, Unroutable
from hardware.route.shapes import BACK, FRONT, Capsule, Grid, Pad, Rect, Track

GRID = Grid(20.0, 16.0)


def pad(ref, net, x, y, drilled=False, half=0.5):
    layers = (FRONT, BACK) if drilled else (FRONT,)
    return Pad(ref, "1", net, Rect(x, y, half, half, layers), drilled)


def route(pads, widths=None):
    return Router(GRID, pads, [], widths or {}, "GND").run()


def length(routed):
    return sum(((t.x1 - t.x2) ** 2 + (t.y1 - t.y2) ** 2) ** 0.5 for t in routed.tracks)


def test_a_free_way_is_straight():
    routed = route([pad("a", "N", 4, 8), pad("b", "N", 16, 8)])["N"]
    assert routed.vias == [] and length(routed) == pytest.approx(12, abs=1.2)


def test_tracks_of_two_nets_keep_their_distance():
    pads = [pad("a", "N", 4, 4), pad("b", "N", 16, 12), pad("c", "M", 4, 12), pad("d", "M", 16, 4)]
    routed = route(pads)
    for one in routed["N"].tracks:
        for other in (track for track in routed["M"].tracks if track.layer == one.layer):
            line = Capsule(other.x1, other.y1, other.x2, other.y2, (other.layer,))
            for step in range(51):
                x, y = one.x1 + (one.x2 - one.x1) * step / 50, one.y1 + (one.y2 - one.y1) * step / 50
                assert line.distance(x, y) >= CLEARANCE_MM + (one.width + other.width) / 2
    assert any(net.vias for net in routed.values())


def test_a_wide_track_is_narrow_only_near_small_pads():
    routed = route([pad("a", "N", 4, 8, half=0.3), pad("b", "N", 16, 8, half=0.3)], {"N": 1.0})["N"]
    widths = {track.width for track in routed.tracks}
    assert widths == {0.4, 1.0}
    assert all(isinstance(track, Track) for track in routed.tracks)


def test_ground_pads_on_the_front_get_a_via_each():
    routed = route([pad("a", "GND", 4, 8), pad("b", "GND", 16, 8, drilled=True), pad("c", "GND", 10, 4)])["GND"]
    near = [via for via in routed.vias if abs(via.x - 4) < 2 and abs(via.y - 8) < 2]
    assert near and len(routed.vias) >= 2


def test_a_walled_in_pad_is_said():
    wall = [
        pad(f"w{x}{y}", f"W{x}{y}", x, y, drilled=True, half=1.3)
        for x in (7, 10, 13)
        for y in (5, 8, 11)
        if (x, y) != (10, 8)
    ]
    with pytest.raises(Unroutable):
        route([*wall, pad("a", "N", 10, 8), pad("b", "N", 18, 8)])


def test_the_same_board_is_laid_the_same_way():
    pads = [pad("a", "N", 4, 4), pad("b", "N", 16, 12), pad("c", "M", 4, 12), pad("d", "M", 16, 4)]
    assert route(pads) == route(list(pads))
