# tests/tap/lib/ChatSchema.pm
#     What OpenAI's guide "Structured Outputs" (section "Supported schemas") demands of a schema
#     with strict: true, and instances of such a schema.
#
#     my @faults = ChatSchema::faults($schema);          texts in the words of the service; none = fine
#     my $value = ChatSchema::example($schema);          the smallest instance, for answers nobody wrote
#     my @wrong = ChatSchema::violations($schema, $value);   where a value is no instance
package ChatSchema;

use strict;
use warnings;

use JSON::PP;
use List::Util qw(any max sum0);

my %types = map { $_ => 1 } qw(string number boolean integer object array null);

# "Some type-specific keywords are not yet supported" and what composes schemas.
my @unsupported = qw(allOf oneOf not dependentRequired dependentSchemas if then else
  patternProperties unevaluatedProperties propertyNames minProperties maxProperties
  unevaluatedItems contains minContains maxContains uniqueItems minLength maxLength);

sub types_of
{
	my ($schema) = @_;
	my $type = $schema->{type};
	return () if !defined $type;
	return ref $type eq 'ARRAY' ? @$type : ($type);
}

sub place { return 'In context=(' . join(', ', map { "'$_'" } @_) . (@_ == 1 ? ',' : '') . ')'; }

# Parts of a schema that are schemas: [way, schema].
sub parts
{
	my ($schema) = @_;
	my @parts;
	push @parts, map { [ [ 'properties', $_ ], $schema->{properties}{$_} ] } sort keys %{ $schema->{properties} // {} };
	push @parts, [ ['items'], $schema->{items} ] if exists $schema->{items};
	push @parts, map { [ [ 'anyOf', $_ ], $schema->{anyOf}[$_] ] } 0 .. $#{ $schema->{anyOf} // [] };
	push @parts, map { [ [ '$defs', $_ ], $schema->{'$defs'}{$_} ] } sort keys %{ $schema->{'$defs'} // {} };
	return @parts;
}

sub check_object
{
	my ($schema, @way) = @_;
	my %required = map { $_ => 1 } @{ $schema->{required} // [] };
	my @faults;

	push @faults, place(@way) . ", 'additionalProperties' is required to be supplied and to be false."
	  if !exists $schema->{additionalProperties} || ref $schema->{additionalProperties} eq 'HASH' || $schema->{additionalProperties};
	for my $name (sort keys %{ $schema->{properties} // {} })
	{
		push @faults, place(@way) . ", 'required' is required to be supplied and to be an array including every key in properties. Missing '$name'."
		  if !$required{$name};
	}
	for my $name (sort keys %required)
	{
		push @faults, place(@way) . ", 'required' names '$name', which is no property."
		  if !exists $schema->{properties}{$name};
	}
	return @faults;
}

sub check
{
	my ($schema, $count, $depth, @way) = @_;
	return place(@way) . ', schema must be an object.' if ref $schema ne 'HASH';
	return () if exists $schema->{'$ref'};
	my @types = types_of($schema);
	my @faults;

	push @faults, place(@way) . ", schema must have a 'type' key." if !@types && !$schema->{anyOf} && !$schema->{enum};
	push @faults, map { place(@way) . ", '$_' is not a type." } grep { !$types{$_} } @types;
	push @faults, map { place(@way) . ", '$_' is not permitted." } grep { exists $schema->{$_} } @unsupported;
	push @faults, place(@way) . ', array schema missing items.' if (any { $_ eq 'array' } @types) && !exists $schema->{items};
	if (any { $_ eq 'object' } @types)
	{
		$depth++;
		$count->{depth} = max($count->{depth}, $depth);
		push @faults, check_object($schema, @way);
	}
	$count->{properties} += keys %{ $schema->{properties} // {} };
	$count->{length} += sum0(map { length } keys %{ $schema->{properties} // {} }, @{ $schema->{enum} // [] });
	$count->{enum} += @{ $schema->{enum} // [] };
	push @faults, check($_->[1], $count, $depth, @way, @{ $_->[0] }) for parts($schema);
	return @faults;
}

sub faults
{
	my ($schema) = @_;
	my %count = (depth => 0, properties => 0, length => 0, enum => 0);

	return 'the schema must be a JSON Schema of type "object".'
	  if ref $schema ne 'HASH' || !any { $_ eq 'object' } types_of($schema);
	return place() . ", 'anyOf' is not permitted at the root." if $schema->{anyOf};
	my @faults = check($schema, \%count, 0);
	push @faults, 'schema has more than 5000 object properties.' if $count{properties} > 5000;
	push @faults, 'schema has more than 10 levels of nesting.' if $count{depth} > 10;
	push @faults, 'schema has more than 120000 characters of names and enum values.' if $count{length} > 120_000;
	push @faults, 'schema has more than 1000 enum values.' if $count{enum} > 1000;
	return @faults;
}

sub example
{
	my ($schema) = @_;
	my ($type) = types_of($schema);

	return $schema->{enum}[0] if $schema->{enum};
	return example($schema->{anyOf}[0]) if $schema->{anyOf};
	return { map { $_ => example($schema->{properties}{$_}) } @{ $schema->{required} // [] } } if $type eq 'object';
	return [ map { example($schema->{items}) } 1 .. ($schema->{minItems} // 1) ] if $type eq 'array';
	return $schema->{minimum} // 0 if $type eq 'number' || $type eq 'integer';
	return JSON::PP::false if $type eq 'boolean';
	return $type eq 'null' ? undef : 'example';
}

# The JSON type of a decoded value.
sub type_of
{
	my ($value) = @_;
	return 'null' if !defined $value;
	return { HASH => 'object', ARRAY => 'array' }->{ ref $value } // 'boolean' if ref $value;
	return JSON::PP->new->allow_nonref->encode($value) =~ /^"/ ? 'string' : $value =~ /^-?\d+\z/ ? 'integer' : 'number';
}

sub violations
{
	my ($schema, $value, @way) = @_;
	my $at = join '.', @way ? @way : ('(root)');
	my $type = type_of($value);

	if ($schema->{anyOf})
	{
		return () if any { !violations($_, $value, @way) } @{ $schema->{anyOf} };
		return "$at fits none of anyOf";
	}
	return "$at is a $type"
	  if types_of($schema) && !any { $_ eq $type || $_ eq 'number' && $type eq 'integer' } types_of($schema);
	return "$at is not in enum" if $schema->{enum} && !any { $_ eq $value } @{ $schema->{enum} };
	if ($type eq 'array')
	{
		return map { violations($schema->{items}, $value->[$_], @way, $_) } 0 .. $#$value;
	}
	return () if $type ne 'object';
	return ((map { exists $value->{$_} ? () : "$at lacks $_" } @{ $schema->{required} // [] }),
		map { $schema->{properties}{$_} ? violations($schema->{properties}{$_}, $value->{$_}, @way, $_) : "$at has $_ too much" }
		  sort keys %$value);
}

1;
