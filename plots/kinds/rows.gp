# Bars in rows: names stand left, values right.
set yrange [0.4:rows + 0.6]
set ytics scale 0
unset ylabel
set grid noytics
rim = '#ffffff'
set border 1
