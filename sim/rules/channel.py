"""Phase 5. Channels: by which way a customer reaches a firm, and what the firm learns there."""

from sim.compiled import rule

NOWHERE, STORE, ONLINE, RESELLER = 0, 1, 2, 4  # bits of `relation.channels`
CHANNELS = ("store", "online", "reseller")


@rule
def channel_taken(mood, digital, online, access, place, reseller):
    """The way to a firm: online in the mood for it, else the store within reach, else a reseller, else none (0).

    mood : draw of the occasion, [0, 1]   digital : how readily they buy online, [0, 1]
    access : how far they are from the store, [0, 1]   online, place, reseller : reach of each way, [0, 1]
    → 1 store, 2 online, 4 reseller, 0 none
    Source: Neslin et al. (2006), Journal of Service Research 9(2):95-112 (multichannel customers); form illustrative.
    Covers: E7
    """
    if mood < digital * online:
        return ONLINE
    if access <= place:
        return STORE
    if reseller > 0.0 and access <= place + (1.0 - place) * reseller:
        return RESELLER
    return NOWHERE


@rule
def share_learned(taken, online_learning, capability, n_channels):
    """What the firm learns, compared with a purchase in the store by a customer who uses no other way.

    taken : 1 store, 2 online, 4 reseller   online_learning : times, ≥ 0   capability : [0, 1]
    n_channels : ways the customer has used, ≥ 1; without integration each holds its own part of the record   → ≥ 0
    Source: Payne & Frow (2005), Journal of Marketing 69(4):167-176 (multichannel integration); form illustrative.
    Covers: E7
    """
    if taken == RESELLER:
        return 0.0
    seen = online_learning if taken == ONLINE else 1.0
    return (1.0 + capability) * seen * (capability + (1.0 - capability) / n_channels)
