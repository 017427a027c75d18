package io.embeddingoperator.runner.source.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.failure.ParserLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns lines of JSON into documents, looking only at the fields that are asked for. Not for concurrent use. */
final class JsonRecords {
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(ParserLimits.withStringsOf(NdjsonFormat.MAX_LINE_BYTES))
            .build();
    private static final Pattern QUOTED = Pattern.compile("[\\s:]*['\"(\\[\\n\\r]");
    private static final int INITIAL_CHARACTERS = 64 * 1024;
    private static final int MAX_KEPT_CHARACTERS = 4 * 1024 * 1024;

    private final DocumentFields fields;
    private final DocumentAssembly assembly;
    private final Map<String, Integer> slots = new HashMap<>();
    private final FieldValue[] values;
    private final CharsetDecoder decoder = StrictUtf8.decoder();
    private char[] characters = new char[INITIAL_CHARACTERS];

    JsonRecords(DocumentFields fields) {
        this.fields = fields;
        this.assembly = new DocumentAssembly(fields);
        slot(fields.key());
        fields.text().forEach(this::slot);
        fields.metadata().forEach(this::slot);
        this.values = new FieldValue[slots.size()];
    }

    /**
     * The document that stands in these bytes of UTF-8.
     *
     * @param mayBeCut whether the file ends with them: where they are the beginning of an object, the rest of the file is lost
     */
    FileRecord read(byte[] bytes, int from, int length, boolean mayBeCut, String location) {
        if (characters.length <= length) {
            characters = new char[Math.max(length + 1, characters.length * 2)];
        }
        ByteBuffer input = ByteBuffer.wrap(bytes, from, length);
        CharBuffer output = CharBuffer.wrap(characters);
        CoderResult result = decoder.reset().decode(input, output, true);
        if (result.isError() && mayBeCut && input.remaining() <= result.length()) {
            return cut(location);
        }
        if (result.isError()) {
            return DocumentAssembly.unreadable(
                    location,
                    "not valid UTF-8 at byte %d of the line: write the file as UTF-8"
                            .formatted(input.position() - from));
        }
        FileRecord read = parse(output.position(), mayBeCut, location);
        if (characters.length > MAX_KEPT_CHARACTERS) {
            characters = new char[INITIAL_CHARACTERS];
        }
        return read;
    }

    /** The key of a record of which only the beginning is known, if it stands there. */
    Optional<String> keyInBeginning(byte[] bytes, int from, int length) {
        try (JsonParser parser = JSON.createParser(bytes, from, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean found = parser.currentName().equals(fields.key());
                JsonToken token = parser.nextToken();
                if (found) {
                    return FieldValue.read(parser, token, characters)
                            .key()
                            .filter(key -> !TextScan.of(key).flawed());
                }
                parser.skipChildren();
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private FileRecord parse(int length, boolean mayBeCut, String location) {
        Arrays.fill(values, FieldValue.MISSING);
        // Only where the object is cut does the parser fail behind this space.
        characters[length] = ' ';
        try (JsonParser parser = JSON.createParser(characters, 0, length + 1)) {
            JsonToken first = parser.nextToken();
            if (first != JsonToken.START_OBJECT) {
                return DocumentAssembly.unreadable(location, "the line is no JSON object: write one object a line");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                Integer slot = slots.get(parser.currentName());
                JsonToken token = parser.nextToken();
                if (slot == null) {
                    parser.skipChildren();
                } else if (values[slot] != FieldValue.MISSING) {
                    return DocumentAssembly.unreadable(
                            location, "field %s stands twice in the object: keep one".formatted(parser.currentName()));
                } else {
                    values[slot] = FieldValue.read(parser, token, characters);
                }
            }
            if (parser.nextToken() != null) {
                return DocumentAssembly.unreadable(
                        location, "something follows the JSON object: write one object a line");
            }
        } catch (StreamConstraintsException e) {
            return DocumentAssembly.unreadable(location, "the line " + ParserLimits.predicate(e));
        } catch (JsonProcessingException e) {
            long at = e.getLocation() == null ? 0 : e.getLocation().getCharOffset();
            return mayBeCut && at > length
                    ? cut(location)
                    : DocumentAssembly.unreadable(
                            location,
                            "not valid JSON at character %d of the line: %s"
                                    .formatted(Math.clamp(at, 0, length), withoutValue(e.getOriginalMessage())));
        } catch (IOException e) {
            throw new UncheckedIOException("characters in memory can always be read", e);
        }
        return document(location);
    }

    private static FileRecord cut(String location) {
        return new FileRecord.Unreadable(FailedDocument.damage(
                location, "the file ends in the middle of a document: write it again for this one and the rest"));
    }

    private FileRecord document(String location) {
        FieldValue key = value(fields.key());
        if (key.isAbsent()) {
            return DocumentAssembly.unreadable(
                    location, "field %s is missing or null: every document needs a key".formatted(fields.key()));
        }
        if (key.key().isEmpty()) {
            return DocumentAssembly.unreadable(
                    location,
                    "field %s is %s: a key is a string or a whole number".formatted(fields.key(), key.description()));
        }
        List<String> texts = new ArrayList<>(fields.text().size());
        for (String name : fields.text()) {
            FieldValue value = value(name);
            if (value.isNested()) {
                return DocumentAssembly.unreadable(
                        key.key(),
                        location,
                        "field %s is %s: a text field is a string, a number or a boolean"
                                .formatted(name, value.description()));
            }
            texts.add(value.text());
        }
        List<Object> metadata = new ArrayList<>(fields.metadata().size());
        for (String name : fields.metadata()) {
            metadata.add(value(name).text());
        }
        return assembly.assemble(new Key.Text(key.key().get()), texts, metadata, location);
    }

    /** The parser quotes what it stumbled over, which belongs to the document and not into a message. */
    private static String withoutValue(String words) {
        Matcher quoted = QUOTED.matcher(words);
        return quoted.find() ? words.substring(0, quoted.start()) : words;
    }

    private FieldValue value(String name) {
        return values[slots.get(name)];
    }

    private void slot(String name) {
        slots.putIfAbsent(name, slots.size());
    }
}
