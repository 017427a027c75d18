package io.embeddingoperator.runner.embed.onnx;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.runner.failure.ReadPermission;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** A {@code tokenizer.json}: the tokenizer, and the id that pads a row. */
record TokenizerFile(NativeTokenizer tokenizer, int padding) {
    static TokenizerFile read(Path file) {
        try {
            String json = Files.readString(file);
            return new TokenizerFile(new NativeTokenizer(json), padding(new ObjectMapper().readTree(json)));
        } catch (AccessDeniedException e) {
            throw new SpecificationException(ReadPermission.sentence(file), e);
        } catch (JsonProcessingException e) {
            throw unreadable(file, e.getOriginalMessage(), e);
        } catch (IOException | RuntimeException e) {
            throw unreadable(file, e.getMessage(), e);
        }
    }

    private static SpecificationException unreadable(Path file, String reason, Exception cause) {
        return new SpecificationException(
                "%s is not a tokenizer that can be read (%s): copy the tokenizer.json that the model was published with"
                        .formatted(file, reason),
                cause);
    }

    /** Padding is masked, so that any id would do for most models; some compute positions from it. */
    private static int padding(JsonNode json) {
        JsonNode configured = json.path("padding").path("pad_id");
        if (configured.isInt()) {
            return configured.intValue();
        }
        for (JsonNode token : json.path("added_tokens")) {
            String content = token.path("content").asText().toLowerCase(Locale.ROOT);
            if (token.path("special").asBoolean() && content.matches("\\W*pad\\W*")) {
                return token.path("id").intValue();
            }
        }
        return 0;
    }
}
