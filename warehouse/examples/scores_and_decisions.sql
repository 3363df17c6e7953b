-- Do higher scores go with going on and being hired?
-- By fifths of the last score known before screening was left: share that went on, n =
-- applications. auc: chance that one who went on scored higher than one who did not; 0.5 is none.
-- People saw the scores: this shows agreement, not how good a score is.
select
    score_kind,
    case when band = 0 then 'unscored' else band::varchar end as fifth,
    score_low,
    score_high,
    applications as n,
    round(advanced_rate, 3) as went_on,
    round(hired_rate, 3) as hired_of_decided,
    round(auc_advanced, 3) as auc,
    round(auc_advanced_low, 3) as auc_low,
    round(auc_advanced_high, 3) as auc_high
from score_calibration
order by score_kind, band
