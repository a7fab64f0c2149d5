# Collectors stand a little beside each other, lest one's interval hides another's. The crosses are on a second axis, from 0
# at the foot of the plot to 1 at its top. What is not a number is no missing point here: a line ends where a heap has no
# value, and does not lead past it.
set datafile missing
set y2range [0:1]
beside(x, i) = x * span ** (n > 1 ? 0.016 * ((i - 1.) / (n - 1) - 0.5) : 0)
plot for [i=1:n] data index i-1 using (beside($2, i)):3 with lines lc rgb colour[i] lw 1.6 dt dash[i], \
     for [i=1:n] data index i-1 using (beside($2, i)):3:4:5 with yerrorbars lc rgb colour[i] lw 1.2 pt mark[i] ps 0.01, \
     for [i=1:n] data index i-1 using (beside($2, i)):3 with points lc rgb colour[i] pt mark[i], \
     for [i=1:n] data index i-1 using 2:6 axes x1y2 with points lc rgb colour[i] pt 2 lw 1.6, \
     for [i=1:hovers] data index i-1 using (beside($2, i)):3:(name[i].': '.told($3, y_one, y_word).sprintf(', heap %.3gx', $2)) @hover
