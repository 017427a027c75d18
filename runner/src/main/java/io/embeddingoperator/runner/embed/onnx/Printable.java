package io.embeddingoperator.runner.embed.onnx;

/** What a model's author wrote, fit to stand in a sentence: on one line, of moderate length, without commands for a terminal. */
final class Printable {
    private static final int LONGEST = 500;

    private Printable() {}

    static String of(String text) {
        String head = text.codePointCount(0, text.length()) > LONGEST
                ? text.substring(0, text.offsetByCodePoints(0, LONGEST)) + "…"
                : text;
        return head.replaceAll("[\\p{Cc}\\p{Cf}\\p{Co}\\p{Cs}\\p{Zl}\\p{Zp}]", "?");
    }
}
