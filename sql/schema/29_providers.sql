-- Providers: who turns speech into text, and who finds the topics of a text. Operators add them; configurations name them.
--
-- A protocol is what a worker speaks to a provider, one file of its program each (docs/speech.md); a provider is one that is spoken
-- to so: an address, a model, what it can do, what it costs. Keys are not here: workers read them from a file of their own
-- (docs/admin.md). What is delivered asks nobody outside of the machine.

CREATE TABLE IF NOT EXISTS leap.providers (
    family     text NOT NULL CHECK (family IN ('speech', 'outline')),
    name       text NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,49}$'),
    protocol   text NOT NULL CHECK ((family, protocol) IN (('speech', 'pocketsphinx'), ('speech', 'captions'), ('speech', 'openai'),
                                    ('speech', 'assemblyai'), ('outline', 'embedded'), ('outline', 'openai'))),
    base_url   text,
    model      text,
    languages  text[] CHECK (cardinality(languages) > 0),
    settings   jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(settings) = 'object'),
    price_per_hour           numeric CHECK (price_per_hour >= 0),
    price_per_million_input  numeric CHECK (price_per_million_input >= 0),
    price_per_million_output numeric CHECK (price_per_million_output >= 0),
    is_active  boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (family, name),
    CONSTRAINT address_of_protocol CHECK ((base_url IS NOT NULL) = (protocol IN ('openai', 'assemblyai')))
);
COMMENT ON TABLE leap.providers IS
'Who can be asked for speech (family speech) and for topics (outline): the protocol, and for one that is asked by HTTP its address, model and settings (leap.provider_rules()). languages: those it can do, null is any. Prices, in leap.currency, are for an hour of sound and for a million tokens that go in or come out; null: nobody said. Inactive ones are asked no more. Written by leap.set_provider() and leap.remove_provider().';

INSERT INTO leap.providers (family, name, protocol, model, languages) VALUES
    ('speech', 'captions', 'captions', NULL, NULL), ('speech', 'pocketsphinx', 'pocketsphinx', 'en-us', '{en}'), ('outline', 'embedded', 'embedded', 'leap-outline-1', NULL)
ON CONFLICT (family, name) DO NOTHING;
