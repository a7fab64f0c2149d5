# Solid where a summary would say the percentile (ten pauses lie beyond it), dotted from there to the longest.
set xrange [0:nines]
set xtics ("0" 0, "50" 0.30103, "90" 1, "99" 2, "99.9" 3, "99.99" 4, "99.999" 5, "99.9999" 6)
set xlabel "percentile of all pauses"
plot for [i=1:n] data index i-1 using 2:4 with lines lc rgb colour[i] lw 0.8 dt 3, \
     for [i=1:n] data index i-1 using 2:($5 == 1 ? $4 : NaN) with lines lc rgb colour[i] lw 1.8 dt dash[i], \
     for [i=1:n] data index i-1 using ($3 == 1 ? $2 : NaN):4 with points lc rgb colour[i] pt mark[i], \
     for [i=1:hovers] data index i-1 every 8 using 2:4:(name[i].': '.told($4, y_one, y_word).sprintf(' at %.5g %%', 100 - 100 * 10 ** -$2)) @hover
