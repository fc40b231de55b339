# tests/tap/lib/S3Server.pm
#     An S3 service that is not ours (tests/swift/server), and a small client of it, signed here
#     independently of the one that is tested.
#
#     my $s3 = S3Server->start($folder);       serves what it keeps below the folder
#     $s3->make_bucket('films');
#     $s3->credential;                         {access_key_id, ..., endpoint}, as in leap.credentials
#     $s3->put('films', 'a/b.mp4', $bytes, 'x-amz-meta-x' => 'y'); $s3->get('films', 'a/b.mp4');
#     $s3->fill('films', 'in/{0:06d}.mp4', 1, 25_000);    many that can be listed and not be read (tests/swift/fill)
#     $s3->head(...)  $s3->keys('films')  $s3->uploads('films')
#     It ends with the object.
package S3Server;

use strict;
use warnings;

use Cwd qw(abs_path);
use Digest::SHA qw(sha256_hex hmac_sha256 hmac_sha256_hex);
use File::Basename qw(dirname);
use HTTP::Tiny;
use IPC::Open2;
use POSIX qw(strftime);

my $root = abs_path(dirname(__FILE__) . '/../../..');

sub is_installed { return -e '/usr/lib/python3/dist-packages/swift/common/middleware/s3api/s3api.py'; }

sub start
{
	my ($class, $folder, %options) = @_;
	my $self = bless { folder => $folder, access_key_id => 'test:teacher', secret_access_key => 'swift-secret', region => 'us-east-1' }, $class;

	mkdir $folder;
	$self->{pid} = open2(my $from, $self->{to}, "$root/tests/swift/server", $folder, map { "$_=$options{$_}" } sort keys %options);
	($self->{port}) = (readline($from) // '') =~ /^(\d+)$/ or die "tests/swift/server does not start\n";
	$self->{url} = "http://127.0.0.1:$self->{port}";
	return $self;
}

sub credential
{
	my ($self, %more) = @_;
	return { (map { $_ => $self->{$_} } qw(access_key_id secret_access_key region)), endpoint => $self->{url}, %more };
}

sub encode
{
	my ($text, $keep) = @_;
	return join '', map { /[A-Za-z0-9._~-]/ || ($keep && $_ eq '/') ? $_ : sprintf '%%%02X', ord } split //, $text;
}

# request(METHOD, path, {query}, body, header => value...): the answer as HTTP::Tiny gives it
sub request
{
	my ($self, $method, $path, $query, $body, %headers) = @_;
	my $when = strftime('%Y%m%dT%H%M%SZ', gmtime);
	my $scope = substr($when, 0, 8) . "/$self->{region}/s3/aws4_request";
	my $search = join '&', map { encode($_) . '=' . encode($query->{$_}) } sort keys %{ $query // {} };
	my $hash = sha256_hex($body //= '');
	my %signed = (%headers, host => "127.0.0.1:$self->{port}", 'x-amz-date' => $when, 'x-amz-content-sha256' => $hash);
	my $names = join ';', sort keys %signed;
	my $canonical = join "\n", $method, encode($path, 1), $search, (map { "$_:$signed{$_}" } sort keys %signed), '', $names, $hash;
	my $key = "AWS4$self->{secret_access_key}";
	$key = hmac_sha256($_, $key) for substr($when, 0, 8), $self->{region}, 's3', 'aws4_request';
	my $signature = hmac_sha256_hex(join("\n", 'AWS4-HMAC-SHA256', $when, $scope, sha256_hex($canonical)), $key);

	delete $signed{host};
	return HTTP::Tiny->new(timeout => 60)->request($method, $self->{url} . encode($path, 1) . ($search ne '' ? "?$search" : ''),
		{ content => $body, headers => { %signed,
			authorization => "AWS4-HMAC-SHA256 Credential=$self->{access_key_id}/$scope,SignedHeaders=$names,Signature=$signature" } });
}

sub must
{
	my ($self, @request) = @_;
	my $answer = $self->request(@request);
	die "$request[0] $request[1]: $answer->{status} $answer->{content}\n" if !$answer->{success};
	return $answer;
}

sub make_bucket { my ($self, $bucket) = @_; return $self->must(PUT => "/$bucket"); }
sub put { my ($self, $bucket, $key, $bytes, %headers) = @_; return $self->must(PUT => "/$bucket/$key", undef, $bytes, %headers); }
sub get { my ($self, $bucket, $key) = @_; return $self->must(GET => "/$bucket/$key")->{content}; }
sub head { my ($self, $bucket, $key) = @_; return $self->request(HEAD => "/$bucket/$key"); }
sub delete { my ($self, $bucket, $key) = @_; return $self->must(DELETE => "/$bucket/$key"); }

sub fill
{
	my ($self, $bucket, $form, $first, $last) = @_;
	system("$root/tests/swift/fill", $self->{folder}, $bucket, $form, $first, $last) == 0 or die "the bucket cannot be filled\n";
	return;
}

# The keys of a bucket.
sub keys
{
	my ($self, $bucket, $prefix) = @_;
	my $list = $self->must(GET => "/$bucket", { 'list-type' => 2, prefix => $prefix // '' })->{content};
	my @keys = $list =~ m{<Key>([^<]*)</Key>}g;
	return @keys;
}

# The keys of uploads that are neither completed nor aborted, and of parts that belong to none.
sub uploads
{
	my ($self, $bucket) = @_;
	my $list = $self->must(GET => "/$bucket", { uploads => '' })->{content};
	my @keys = $list =~ m{<Upload>.*?<Key>([^<]*)</Key>}gs;
	return @keys;
}

# Begins an upload as somebody would who ends right after; returns its id.
sub begin_upload
{
	my ($self, $bucket, $key) = @_;
	my ($id) = $self->must(POST => "/$bucket/$key", { uploads => '' })->{content} =~ m{<UploadId>([^<]*)</UploadId>};
	return $id;
}

sub DESTROY
{
	my ($self) = @_;
	local $?;
	return if !$self->{pid};
	# whoever was forked since then holds its standard input, too
	kill 'TERM', $self->{pid};
	waitpid $self->{pid}, 0;
}

1;
