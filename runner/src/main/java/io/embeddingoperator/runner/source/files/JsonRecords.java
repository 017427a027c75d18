package io.embeddingoperator.runner.source.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.embeddingoperator.api.v1alpha1.FileMetadata;
import io.embeddingoperator.runner.document.ColumnType;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    private final PartitionFolders folders;
    private final Map<String, Integer> slots = new LinkedHashMap<>();
    private final FieldPaths paths = new FieldPaths();
    private final FieldValue[] values;
    /** In how many objects of the line's object each value was found; it stays that of the fewest. */
    private final int[] depths;

    private final CharsetDecoder decoder = StrictUtf8.decoder();
    private char[] characters = new char[INITIAL_CHARACTERS];

    JsonRecords(DocumentFields fields, PartitionFolders folders) {
        this.fields = fields;
        this.folders = folders;
        this.assembly = new DocumentAssembly(fields);
        slot(fields.key());
        fields.text().forEach(this::slot);
        fields.metadata().forEach(metadata -> slot(metadata.field()));
        slots.forEach(paths::add);
        this.values = new FieldValue[slots.size()];
        this.depths = new int[slots.size()];
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
        Arrays.fill(depths, Integer.MAX_VALUE);
        // Only where the object is cut does the parser fail behind this space.
        characters[length] = ' ';
        try (JsonParser parser = JSON.createParser(characters, 0, length + 1)) {
            JsonToken first = parser.nextToken();
            if (first != JsonToken.START_OBJECT) {
                return DocumentAssembly.unreadable(location, "the line is no JSON object: write one object a line");
            }
            Optional<String> twice = readMembers(parser, paths, 0);
            if (twice.isPresent()) {
                return DocumentAssembly.unreadable(
                        location, "field %s stands twice in the object: keep one".formatted(twice.get()));
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

    /** Reads the object at which the parser stands to its end, or to a field that stands in it twice, which is returned. */
    private Optional<String> readMembers(JsonParser parser, FieldPaths wanted, int depth) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            FieldPaths.Member member = wanted.member(parser.currentName());
            JsonToken token = parser.nextToken();
            if (member == null) {
                parser.skipChildren();
                continue;
            }
            int field = member.field();
            if (field != FieldPaths.NONE && depths[field] == depth) {
                return Optional.of(List.copyOf(slots.keySet()).get(field));
            }
            boolean isWanted = field != FieldPaths.NONE && depth < depths[field];
            if (isWanted) {
                depths[field] = depth;
            }
            if (member.below() != null && token == JsonToken.START_OBJECT) {
                int from = (int) parser.currentTokenLocation().getCharOffset();
                Optional<String> twice = readMembers(parser, member.below(), depth + 1);
                if (twice.isPresent()) {
                    return twice;
                }
                if (isWanted) {
                    values[field] = FieldValue.object(parser, characters, from);
                }
            } else if (isWanted) {
                values[field] = FieldValue.read(parser, token, characters);
            } else {
                parser.skipChildren();
            }
        }
        return Optional.empty();
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
            texts.add(value.isAbsent() ? null : value.text());
        }
        List<Object> metadata = new ArrayList<>(fields.metadata().size());
        for (FileMetadata field : fields.metadata()) {
            FieldValue value = value(field.field());
            ColumnType type = DocumentFields.declaredType(field);
            if (value == FieldValue.MISSING && folders.has(field)) {
                metadata.add(folders.value(field));
            } else if (value.isAbsent()) {
                metadata.add(null);
            } else {
                Optional<Object> typed = TypedValue.of(value, type);
                if (typed.isEmpty()) {
                    return DocumentAssembly.unreadable(
                            key.key(),
                            location,
                            "field %s %s"
                                    .formatted(field.field(), TypedValue.refusal(value, type, fields.manifestPath())));
                }
                metadata.add(typed.get());
            }
        }
        return assembly.assemble(new Key.Text(key.key().get()), texts, metadata, location);
    }

    /** The parser quotes what it stumbled over, which belongs to the document and not into a message. */
    private static String withoutValue(String words) {
        Matcher quoted = QUOTED.matcher(words);
        return quoted.find() ? words.substring(0, quoted.start()) : words;
    }

    private FieldValue value(String name) {
        return values[Objects.requireNonNull(slots.get(name), name)];
    }

    private void slot(String name) {
        slots.putIfAbsent(name, slots.size());
    }
}
