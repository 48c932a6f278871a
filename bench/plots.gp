# Draws the plots of the results:  gnuplot -c plots.gp DATA RESULTS     (report.tcl writes the data)

data = ARG1
results = ARG2

set terminal svg size 860,480 noenhanced font 'Helvetica,13' background rgb 'white'
set grid ytics lc rgb '#dddddd'
set key outside right top
set border 3
set tics nomirror
set linetype 1 lc rgb '#0060ad' lw 2 pt 7
set linetype 2 lc rgb '#dd181f' lw 2 pt 5
set linetype 3 lc rgb '#00a060' lw 2 pt 9
set linetype 4 lc rgb '#e69f00' lw 2 pt 13
set linetype 5 lc rgb '#984ea3' lw 2 pt 11
set linetype 6 lc rgb '#56b4e9' lw 2 pt 4
set linetype 7 lc rgb '#8c564b' lw 2 pt 6
set linetype 8 lc rgb '#777777' lw 2 pt 8
set linetype 9 lc rgb '#bcbd22' lw 2 pt 10

has(name) = system(sprintf("test -s '%s/%s.dat' && printf 1 || printf 0", data, name)) eq '1'
at(name) = sprintf('%s/%s.dat', data, name)

# ---- growth, on log axes ----

set logscale x 10
set logscale y 10
set format xy '%.0s%c'
if (has('growth')) {
  set output results.'/growth.svg'
  set title 'One operation on a store of so many keys (keys drawn at random)'
  set xlabel 'keys in the store'
  set ylabel 'microseconds for one operation'
  # As report.tcl writes them: four calls; three by hand, dashed in the colour of what they stand beside; two more.
  colours = '1 2 3 4 1 2 3 5 6'
  dashes = '1 1 1 1 2 2 2 1 1'
  plot [500:*][1:100] for [i = 0:8] at('growth') index i using 1:($2 / 1e3) with linespoints \
    lt int(word(colours, i + 1)) dt int(word(dashes, i + 1)) title columnheader(1)
}
if (has('groups')) {
  set output results.'/groups.svg'
  set title 'One operation on a store of so many groups'
  set xlabel 'groups in the store'
  set ylabel 'microseconds for one operation'
  plot [][1:100] for [i = 0:*] at('groups') index i using 1:($2 / 1e3) with linespoints title columnheader(1)
}
if (has('answers')) {
  set output results.'/answers.svg'
  set title 'What reads the whole store grows with its answer'
  set xlabel 'rows of the answer'
  set ylabel 'microseconds'
  plot for [i = 0:*] at('answers') index i using 1:($2 / 1e3) with linespoints title columnheader(1)
}

# ---- values ----

set xlabel 'bytes of the value'
set ylabel 'microseconds for one operation'
if (has('values-set')) {
  set output results.'/values-set.svg'
  set title 'A set by the size of its value, WAL file, synchronous NORMAL'
  plot for [i = 0:*] at('values-set') index i using 1:($2 / 1e3) with linespoints title columnheader(1)
}
if (has('values-get')) {
  set output results.'/values-get.svg'
  set title 'A get by the size of its value, WAL file, synchronous NORMAL'
  plot for [i = 0:*] at('values-get') index i using 1:($2 / 1e3) with linespoints title columnheader(1)
}

# ---- processes ----

unset logscale
set format xy '%g'
if (has('processes')) {
  set output results.'/processes.svg'
  set title 'Processes that write one file at once, each set by itself (WAL, synchronous NORMAL)'
  set xlabel 'processes'
  set ylabel 'thousand sets a second, all together'
  set logscale x 2
  plot [0.9:9][0:*] for [i = 0:*] at('processes') index i using 1:($2 / 1e3):($3 / 1e3):($4 / 1e3) \
    with yerrorlines title columnheader(1)
  unset logscale
}

# ---- operations, as bars ----

set style data histogram
set style histogram clustered gap 1
set style fill solid border -1
set boxwidth 0.9
set logscale y 10
set format y '%.0s%c'
set xlabel ''
set ylabel 'operations a second'
set key outside below center horizontal
columns(name) = int(system(sprintf("awk -F'\"' 'NR == 1 { print (NF - 1) / 2; exit }' '%s/%s.dat'", data, name)))
if (has('operations-wal')) {
  set output results.'/operations-wal.svg'
  set title 'Each call by itself: WAL file, synchronous NORMAL (Redis: appendfsync everysec)'
  plot [][1000:*] for [i = 2:columns('operations-wal') + 1] at('operations-wal') using i:xtic(1) title columnheader(i)
}
if (has('operations-memory')) {
  set output results.'/operations-memory.svg'
  set title 'Each call by itself: in memory (Redis: no file; LMDB: a file that is not synced)'
  plot [][1000:*] for [i = 2:columns('operations-memory') + 1] at('operations-memory') using i:xtic(1) title columnheader(i)
}
