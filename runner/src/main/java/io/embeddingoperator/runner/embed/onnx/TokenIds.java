package io.embeddingoperator.runner.embed.onnx;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What the text of a {@code tokenizer.json} says of ids. The vocabulary, which is most of it, is gone through piece by piece: as a
 * tree of objects it would take a hundred times its size.
 *
 * @param padding the id that pads a row. Padding is masked, so that any id would do for most models; some compute positions from it
 * @param highest of the vocabulary; tokens that were added to that may have higher ones
 * @param unknown of the token that stands for what the vocabulary lacks; empty where it lacks nothing, as one of bytes
 */
record TokenIds(int padding, int highest, OptionalInt unknown) {
    private static final JsonFactory JSON = new ObjectMapper().getFactory();

    /** @throws IOException when it is no JSON, or nested without end */
    static TokenIds read(String json) throws IOException {
        int padding = 0;
        Vocabulary vocabulary = new Vocabulary(0, OptionalInt.empty());
        Map<String, Integer> added = new HashMap<>();
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
                        JsonNode tokens = parser.readValueAsTree();
                        tokens.forEach(token -> added.put(
                                token.path("content").asText(), token.path("id").intValue()));
                        padding = configured ? padding : padding(tokens);
                    }
                    case "model" -> vocabulary = Vocabulary.read(parser, added);
                    default -> parser.skipChildren();
                }
            }
        }
        return new TokenIds(padding, vocabulary.highest(), vocabulary.unknown());
    }

    /** An id that is not the padding's, for a text that stands for any other. */
    int ordinary() {
        return highest == padding ? Math.max(0, highest - 1) : highest;
    }

    /** The id of the added token that is named for it, or 0. */
    private static int padding(JsonNode tokens) {
        for (JsonNode token : tokens) {
            String content = token.path("content").asText().toLowerCase(Locale.ROOT);
            if (token.path("special").asBoolean() && content.matches("\\W*pad\\W*")) {
                return token.path("id").intValue();
            }
        }
        return 0;
    }
}
