# tests/tap/long/960_platforms_pipeline.pl
#     Thirty lectures at once from Zoom to YouTube, VK and a bucket of S3 (t/760_platforms_pipeline.pl).
use strict;
use warnings;

exec $^X, 'tests/tap/t/760_platforms_pipeline.pl', 30 or die "perl: $!\n";
