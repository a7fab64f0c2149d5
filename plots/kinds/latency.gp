set xrange [0:nines]
set xtics ("0" 0, "50" 0.30103, "90" 1, "99" 2, "99.9" 3, "99.99" 4, "99.999" 5, "99.9999" 6)
if (nines < 2.5) set xtics add ("75" 0.60206, "95" 1.30103)
set xlabel 'percentile of all responses'
plot for [i=1:n] data index i-1 using ($2 == 1 ? $3 : NaN):5 with lines lc rgb colour[i] lw 1.2 dt 3, \
     for [i=1:n] data index i-1 using ($2 == 0 ? $3 : NaN):5 with lines lc rgb colour[i] lw 1.8 dt dash[i]
