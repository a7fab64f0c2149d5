# Points are nights; the broad lines are the levels between steps.
plot for [i=1:n] data index i-1 using 2:3 with points lc rgb colour[i] pt mark[i] ps 0.45
