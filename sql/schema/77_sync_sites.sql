-- What is asked of video sites once, without a source: the recordings of a playlist, and the formats of a video.
--
-- Each is a sync like others, of a source that is none (source_syncs.wish): a worker with yt-dlp asks, the database takes
-- what came. The processes that serve HTTP run no programs.
-- Lock order: as of syncs.

CREATE OR REPLACE FUNCTION leap.ask_site(config jsonb, look text = NULL, dry_run boolean = false, "user" text = NULL)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.acting_user("user");
    asked jsonb;
    made uuid;
BEGIN
    IF look <> 'formats' THEN
        PERFORM leap.refuse('LP030', format('nobody looks for %s', left(look, 50)), 'It is formats, or null for recordings.');
    END IF;
    asked := jsonb_strip_nulls(jsonb_build_object('config', leap.check_source_config('SITE', config), 'look', look));
    IF (SELECT count(*) FROM leap.source_syncs x WHERE x.user_id = u.id AND x.source_id IS NULL AND x.state = 'waiting') >= 20 THEN
        PERFORM leap.refuse('LP044', 'twenty questions to video sites wait already', 'Ask again when they are answered.');
    END IF;
    INSERT INTO leap.source_syncs AS x (user_id, wish, dry_run) VALUES (u.id, asked, coalesce(ask_site.dry_run, false) OR look IS NOT NULL) RETURNING x.id INTO made;
    UPDATE leap.source_syncs x SET task_id = leap.add_errand('sync', u.id, made) WHERE x.id = made;
    RETURN made;
END
$$;
COMMENT ON FUNCTION leap.ask_site(jsonb, text, boolean, text) IS
'Asks a video site once, by a worker that has yt-dlp: config is that of a source of type SITE {url, quality, format, most}. Its recordings are added, or with dry_run told; with look formats it tells in which formats a video is there (report.formats). Returns the sync (leap.sync_status()). Errors: LP020 (another user), LP030, LP044 when twenty of them wait.';

-- What a site says is a stranger's word.
CREATE OR REPLACE FUNCTION leap.site_formats(said jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN jsonb_typeof(said) = 'object' AND octet_length(said::text) <= 300000 THEN said ELSE '{"formats": []}' END
$$;
COMMENT ON FUNCTION leap.site_formats(jsonb) IS 'The formats of a video as a worker told them, {title, site, duration, formats [{id, ext, width, height, fps, video, audio, bytes, about_bytes}]}, if they are of a usual size.';

CREATE OR REPLACE FUNCTION leap.site_qualities()
RETURNS TABLE (quality text, format text, comment text) LANGUAGE sql IMMUTABLE AS $$
    VALUES ('best', NULL::text, 'as high as there is'), ('1080p', NULL, 'at most 1080 lines'), ('720p', NULL, 'at most 720 lines'), ('480p', NULL, 'at most 480 lines'),
           (NULL, 'mp4', 'MP4 with H.264 where there is one'), (NULL, 'any', 'whatever is best'), (NULL, 'audio', 'sound alone, as it is'), (NULL, 'mp3', 'sound alone, as MP3')
$$;
COMMENT ON FUNCTION leap.site_qualities() IS 'What can be wished of recordings of video sites: qualities (the first is the standard) and formats (likewise).';
