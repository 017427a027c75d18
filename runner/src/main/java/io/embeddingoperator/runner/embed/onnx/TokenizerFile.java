package io.embeddingoperator.runner.embed.onnx;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.runner.embed.onnx.model.FileLimits;
import io.embeddingoperator.runner.failure.ReadPermission;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A {@code tokenizer.json}: the tokenizer, and the id that pads a row. */
record TokenizerFile(NativeTokenizer tokenizer, int padding) {
    private static final Pattern PLACE = Pattern.compile("at line \\d+ column \\d+");
    private static final JsonFactory JSON = new ObjectMapper().getFactory();

    static TokenizerFile read(Path file) {
        try {
            long bytes = Files.size(file);
            if (bytes > FileLimits.TOKENIZER_BYTES) {
                throw unreadable(
                        file,
                        "it has %d bytes, more than the %d that such a file may have"
                                .formatted(bytes, FileLimits.TOKENIZER_BYTES),
                        null);
            }
            String json = Files.readString(file);
            // First, since it also finds out whether this is JSON at all, and not nested without end.
            int padding = padding(json);
            return new TokenizerFile(new NativeTokenizer(json), padding);
        } catch (AccessDeniedException e) {
            throw new SpecificationException(ReadPermission.sentence(file), e);
        } catch (JsonProcessingException e) {
            // Its message quotes the file, which may not be the tokenizer that the manifest says it is.
            JsonLocation place = e.getLocation();
            throw unreadable(
                    file,
                    place == null
                            ? "it is not valid JSON"
                            : "it is not valid JSON at line %d column %d"
                                    .formatted(place.getLineNr(), place.getColumnNr()),
                    null);
        } catch (IOException e) {
            throw unreadable(file, "it cannot be read as UTF-8 text", e);
        } catch (SpecificationException e) {
            throw e;
        } catch (RuntimeException e) {
            throw unreadable(file, withoutQuotation(e), null);
        }
    }

    private static String withoutQuotation(RuntimeException failure) {
        Matcher place = PLACE.matcher(String.valueOf(failure.getMessage()));
        return place.find()
                ? "the tokenizers library does not know what stands there " + place.group()
                : "the tokenizers library cannot use it";
    }

    private static SpecificationException unreadable(Path file, String reason, Exception cause) {
        return new SpecificationException(
                "%s is not a tokenizer that can be read (%s): copy the tokenizer.json that the model was published with"
                        .formatted(file, reason),
                cause);
    }

    /**
     * Padding is masked, so that any id would do for most models; some compute positions from it. The vocabulary, which is most of
     * the file, is passed over: as a tree of objects it would take a hundred times its size.
     */
    private static int padding(String json) throws IOException {
        int padding = 0;
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new JsonParseException(parser, "no object");
            }
            boolean configured = false;
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "padding" -> {
                        JsonNode id = parser.<JsonNode>readValueAsTree().path("pad_id");
                        configured = id.isInt();
                        padding = configured ? id.intValue() : padding;
                    }
                    case "added_tokens" -> {
                        int added = added(parser.readValueAsTree());
                        padding = configured ? padding : added;
                    }
                    default -> parser.skipChildren();
                }
            }
        }
        return padding;
    }

    /** The id of the token that is named for it, or 0. */
    private static int added(JsonNode tokens) {
        for (JsonNode token : tokens) {
            String content = token.path("content").asText().toLowerCase(Locale.ROOT);
            if (token.path("special").asBoolean() && content.matches("\\W*pad\\W*")) {
                return token.path("id").intValue();
            }
        }
        return 0;
    }
}
