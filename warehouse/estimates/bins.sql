-- The bin in which so many microseconds end: a tenth of a day, rounded up.
create or replace temp macro bin_of(us) as ((us + 8639999999) // 8640000000);
