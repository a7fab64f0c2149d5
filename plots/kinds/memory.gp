place(ns, iteration) = shares ? 1. * ns / iteration : ns
plot for [i=1:n] data index i-1 using (place($2, $5)):4 with lines lc rgb colour[i] lw 1 dt 3, \
     for [i=1:n] data index i-1 using (place($2, $5)):3 with lines lc rgb colour[i] lw 1.6 dt dash[i]
