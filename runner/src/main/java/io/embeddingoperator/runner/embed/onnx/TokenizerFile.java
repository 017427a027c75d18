package io.embeddingoperator.runner.embed.onnx;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.embeddingoperator.runner.embed.onnx.model.FileLimits;
import io.embeddingoperator.runner.failure.ReadPermission;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A {@code tokenizer.json}, and the ids that it names. */
record TokenizerFile(NativeTokenizer tokenizer, TokenIds ids) {
    private static final Pattern PLACE = Pattern.compile("at line \\d+ column \\d+");

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
            TokenIds ids = TokenIds.read(json);
            return new TokenizerFile(new NativeTokenizer(json), ids);
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

    private static SpecificationException unreadable(Path file, String reason, @Nullable Exception cause) {
        return new SpecificationException(
                "%s is not a tokenizer that can be read (%s): copy the tokenizer.json that the model was published with"
                        .formatted(file, reason),
                cause);
    }
}
