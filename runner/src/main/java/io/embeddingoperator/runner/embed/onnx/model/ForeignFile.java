package io.embeddingoperator.runner.embed.onnx.model;

import io.embeddingoperator.runner.failure.ReadPermission;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** What people take for an ONNX file or a tokenizer, told by its first bytes. */
enum ForeignFile {
    EMPTY("an empty file", Remedy.COPY),
    POINTER("a pointer of Git LFS to the file, and not the file itself", Remedy.POINTER),
    PAGE("a web page", Remedy.ADDRESS),
    GGUF("a GGUF file, as llama.cpp reads", Remedy.EXPORT),
    SAFETENSORS("a file of weights in safetensors, without the model's graph", Remedy.EXPORT),
    PICKLE("a pickle of PyTorch, without the model's graph", Remedy.EXPORT),
    HDF5("an HDF5 file, as Keras writes", Remedy.EXPORT),
    TFLITE("a model of TensorFlow Lite", Remedy.EXPORT),
    XML("an XML file, as OpenVINO keeps its models", Remedy.EXPORT),
    JSON("a JSON file", Remedy.COPY),
    GZIP("compressed by gzip", Remedy.UNPACK),
    ZIP("a zip archive", Remedy.UNPACK);

    /** How to come by an ONNX file, for people who have anything else of a model. */
    static final String EXPORT =
            "export the model to ONNX, by optimum-cli export onnx --model NAME --task feature-extraction FOLDER";

    private static final int HEAD_BYTES = 512;
    private static final int PICKLE_PROTOCOL = 0x80;
    private static final int LAST_PROTOCOL = 5;

    private final String description;
    private final Remedy remedy;

    ForeignFile(String description, Remedy remedy) {
        this.description = description;
        this.remedy = remedy;
    }

    private enum Remedy {
        EXPORT,
        COPY,
        POINTER,
        ADDRESS,
        UNPACK
    }

    /** @throws SpecificationException when the file is known to be something else than a model in ONNX */
    static void refuseAsModel(Path file) {
        of(file).ifPresent(kind -> {
            throw new SpecificationException("the model file %s is no ONNX model but %s: %s"
                    .formatted(file, kind.description, kind.remedy(EXPORT)));
        });
    }

    /** @throws SpecificationException when the file is known to be something else than a tokenizer in JSON */
    static void refuseAsTokenizer(Path file) {
        String advice = "copy the tokenizer.json of the model, or save it by AutoTokenizer.from_pretrained(NAME)"
                + ".save_pretrained(FOLDER) of the library transformers";
        of(file).filter(kind -> kind != JSON && kind != EMPTY)
                .map(kind -> "%s: %s".formatted(kind.description, kind.remedy(advice)))
                .or(() -> vocabulary(head(file)).map(kind -> "%s: %s".formatted(kind, advice)))
                .ifPresent(sentence -> {
                    throw new SpecificationException(
                            "the tokenizer %s is no tokenizer.json but %s".formatted(file, sentence));
                });
    }

    /** What a file is, where it holds the weights of a model that has to be exported. */
    static Optional<String> weights(Path file) {
        return of(file).filter(kind -> kind.remedy == Remedy.EXPORT && kind != XML)
                .map(kind -> kind.description);
    }

    private String remedy(String other) {
        return switch (remedy) {
            case EXPORT -> other;
            case COPY -> "copy the file that the model was published with";
            case POINTER -> "fetch the file by git lfs pull";
            case ADDRESS -> "take the address of the file itself, which on the hub has resolve in it and not blob";
            case UNPACK -> "unpack it first";
        };
    }

    static Optional<ForeignFile> of(Path file) {
        byte[] head = head(file);
        String text = new String(head, StandardCharsets.ISO_8859_1);
        String plain = text.stripLeading().toLowerCase(Locale.ROOT);
        if (head.length == 0) {
            return Optional.of(EMPTY);
        }
        if (text.startsWith("version https://git-lfs.github.com/spec/")) {
            return Optional.of(POINTER);
        }
        if (plain.startsWith("<!doctype html") || plain.startsWith("<html")) {
            return Optional.of(PAGE);
        }
        if (plain.startsWith("<?xml")) {
            return Optional.of(XML);
        }
        return plain.startsWith("{") ? Optional.of(JSON) : ofBytes(file, head, text);
    }

    private static Optional<ForeignFile> ofBytes(Path file, byte[] head, String text) {
        if (text.startsWith("GGUF")) {
            return Optional.of(GGUF);
        }
        if (text.startsWith("PK\3\4")) {
            // What torch.save writes is an archive with a pickle in it.
            return Optional.of(text.contains("/data.pkl") ? PICKLE : ZIP);
        }
        if (text.startsWith("\u001f\u008b")) {
            return Optional.of(GZIP);
        }
        if (text.startsWith("\u0089HDF")) {
            return Optional.of(HDF5);
        }
        if (text.startsWith("TFL3", 4)) {
            return Optional.of(TFLITE);
        }
        if (head.length > 1 && text.charAt(0) == PICKLE_PROTOCOL && head[1] >= 2 && head[1] <= LAST_PROTOCOL) {
            return Optional.of(PICKLE);
        }
        return isSafetensors(file, head, text) ? Optional.of(SAFETENSORS) : Optional.empty();
    }

    /** The length of a header in JSON, and the header. */
    private static boolean isSafetensors(Path file, byte[] head, String text) {
        if (head.length <= Long.BYTES || !text.startsWith("{\"", Long.BYTES)) {
            return false;
        }
        long header = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong();
        return header > 0 && header <= file.toFile().length() - Long.BYTES;
    }

    /** The forms that a vocabulary alone comes in. */
    private static Optional<String> vocabulary(byte[] head) {
        String text = new String(head, StandardCharsets.ISO_8859_1);
        if (text.startsWith("\n") && text.contains("<unk>")) {
            return Optional.of("a model of SentencePiece");
        }
        return text.startsWith("[PAD]") || text.startsWith("#version:")
                ? Optional.of("a vocabulary or a list of merges alone")
                : Optional.empty();
    }

    private static byte[] head(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(HEAD_BYTES);
        } catch (IOException e) {
            ReadPermission.check(file);
            throw new SpecificationException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }
}
