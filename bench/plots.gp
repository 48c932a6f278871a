# Draws the plots of the results:  gnuplot -c plots.gp DATA RESULTS     (plotdata.tcl writes the data)
#
# kv is blue (light blue from Python) and what is written by hand orange, in every plot; no plot has more than five series, and the key is in
# the plot, where no line runs.

data = ARG1
results = ARG2

kv = '#0060ad'
hand = '#e07b00'
third = '#2a9d57'
fourth = '#8a5ab5'
from_python = '#85b8e0'

set terminal svg size 860,480 noenhanced font 'Helvetica,14' background rgb 'white'
set grid ytics lc rgb '#dddddd'
set border 3
set tics nomirror
set key inside top left Left reverse samplen 2 spacing 1.2 opaque noautotitle

has(name) = system(sprintf("test -s '%s/%s.dat' && printf 1 || printf 0", data, name)) eq '1'
at(name) = sprintf('%s/%s.dat', data, name)

# ---- growth, on log axes ----

set logscale x 10
set logscale y 10
set format x '%.0s%c'
set format y '%g'
if (has('growth')) {
  set output results.'/growth.svg'
  set title 'One operation, by the number of keys (drawn at random; WAL, synchronous NORMAL)'
  set xlabel 'keys in the store'
  set ylabel 'microseconds'
  set ytics (1, 2, 5, 10, 20, 50, 100, 200)
  plot [700:14e6][1:200] \
    at('growth') index 0 using 1:($2 / 1e3) with linespoints lc rgb kv lw 2 pt 7 title 'kv_get', \
    at('growth') index 1 using 1:($2 / 1e3) with linespoints lc rgb hand lw 2 pt 7 title 'SELECT by hand', \
    at('growth') index 2 using 1:($2 / 1e3) with linespoints lc rgb kv lw 2 pt 5 dt 2 title 'kv_set', \
    at('growth') index 3 using 1:($2 / 1e3) with linespoints lc rgb hand lw 2 pt 5 dt 2 title 'upsert by hand', \
    at('growth') index 4 using 1:($2 / 1e3) with linespoints lc rgb third lw 2 pt 9 title 'kv_set under a quota'
}
if (has('groups')) {
  set output results.'/groups.svg'
  set title 'One operation, by the number of groups (WAL, synchronous NORMAL)'
  set xlabel 'groups in the store'
  set ylabel 'microseconds'
  plot [0.7:1.4e6][1:200] \
    at('groups') index 0 using 1:($2 / 1e3) with linespoints lc rgb kv lw 2 pt 7 title 'kv_get', \
    at('groups') index 1 using 1:($2 / 1e3) with linespoints lc rgb kv lw 2 pt 5 dt 2 title 'kv_set', \
    at('groups') index 2 using 1:($2 / 1e3) with linespoints lc rgb third lw 2 pt 9 title 'kv_count of one group', \
    at('groups') index 3 using 1:($2 / 1e3) with linespoints lc rgb fourth lw 2 pt 11 title 'one row of kv_groups'
}
set ytics autofreq
if (has('answers')) {
  set output results.'/answers.svg'
  set title 'What reads the whole store grows with its answer'
  set xlabel 'rows that are read'
  set ylabel 'milliseconds'
  plot [0.7:14e6] \
    at('answers') index 0 using 1:($2 / 1e6) with linespoints lc rgb kv lw 2 pt 7 title 'kv_count of all', \
    at('answers') index 1 using 1:($2 / 1e6) with linespoints lc rgb third lw 2 pt 9 title 'list all keys', \
    at('answers') index 2 using 1:($2 / 1e6) with linespoints lc rgb fourth lw 2 pt 11 title 'list all groups'
}

# ---- values ----

set ytics ('0.1' 0.1, '1' 1, '10' 10, '100' 100, '1,000' 1000, '10,000' 1e4, '100,000' 1e5, '1,000,000' 1e6)
set xlabel 'bytes of the value'
set ylabel 'microseconds'
colour(i) = word(kv.' '.hand.' '.fourth.' '.third, i + 1)
do for [work in 'set get'] {
  if (has('values-'.work)) {
    set output results.'/values-'.work.'.svg'
    set title sprintf('A %s, by the size of its value (WAL, synchronous NORMAL)', work)
    plot [7:14e6][0.05:1e6] for [i = 0:3] at('values-'.work) index i using 1:($2 / 1e3) with linespoints \
      lc rgb colour(i) lw 2 pt int(word('7 5 11 9', i + 1)) title columnheader(1)
  }
}

# ---- processes ----

unset logscale
set format xy '%g'
set ytics autofreq
if (has('processes')) {
  set output results.'/processes.svg'
  set title 'Processes that write one file, each set by itself (WAL, synchronous NORMAL)'
  set xlabel 'processes'
  set ylabel 'thousand sets a second, all together'
  set xtics (1, 2, 4, 8)
  set logscale x 2
  plot [0.9:9][0:*] for [i = 0:3] at('processes') index i using 1:($2 / 1e3) with linespoints \
    lc rgb colour(i) lw 2 pt int(word('7 5 11 9', i + 1)) title columnheader(1)
  unset logscale
  set xtics autofreq
}

# ---- operations, as bars from zero ----

if (has('operations-wal')) {
  set output results.'/operations-wal.svg'
  set title 'One call by itself, on a file (WAL, synchronous NORMAL)'
  set style data histogram
  set style histogram clustered gap 1.5
  set style fill solid 0.9 noborder
  set boxwidth 0.9
  set xlabel ''
  set ylabel 'microseconds: less is better'
  set datafile missing '?'
  set key inside top right horizontal width -3
  set offsets 0, 0, graph 0.2, 0
  bar(i) = word(kv.' '.hand.' '.third.' '.from_python.' '.fourth, i - 1)
  plot [-0.6:3.6][0:*] for [i = 2:6] at('operations-wal') using i:xtic(1) lc rgb bar(i) title columnheader(i)
}
