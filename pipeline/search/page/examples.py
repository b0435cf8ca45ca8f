"""Questions to begin with, shown where nothing was asked yet. A test holds that each is understood."""

EXAMPLES = (
    "budi santoso", '"tanjung priok"', "phone:0812-3456-7890", "kind:seizure AND NOT agency:polri",
    'reported:"last 7 days"', 'near:"Tanjung Priok" 20km',
)  # fmt: skip
