# A share is of an age from .. to: a step.
set yrange [0:1.02]
plot for [i=1:n] data index i-1 using 3:4 with fsteps lc rgb colour[i] lw 1.6 dt dash[i], \
     for [i=1:n] data index i-1 using 3:4 with points lc rgb colour[i] pt mark[i]
