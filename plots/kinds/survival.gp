# A share is of an age from .. to: a step. The first age begins at zero, which a logarithmic axis does not have.
set yrange [0:1.02]
plot for [i=1:n] data index i-1 using ($2 < youngest ? youngest : NaN):4:($3 - youngest):(0) \
         with vectors nohead lc rgb colour[i] lw 1.6 dt dash[i], \
     for [i=1:n] data index i-1 using 3:4 with fsteps lc rgb colour[i] lw 1.6 dt dash[i], \
     for [i=1:n] data index i-1 using 3:4 with points lc rgb colour[i] pt mark[i]
