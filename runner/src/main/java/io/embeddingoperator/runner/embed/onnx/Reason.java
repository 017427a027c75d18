package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.OrtException;
import io.embeddingoperator.api.contract.PrintableText;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What ONNX Runtime says went wrong, without where in its own sources it found out. */
final class Reason {
    private static final Pattern CODE = Pattern.compile(
            "^(?:.*\\[ONNXRuntimeError] : \\d+ : \\w+ : |Error code - \\w+ - message: )", Pattern.DOTALL);

    private static final Pattern NODE = Pattern.compile(
            "^Non-zero status code returned while running (\\S+) node\\. Name:'(.*?)' Status Message: ");

    /** A file of its sources. With its folders, the whole head of a function follows; alone, the function's name does. */
    private static final Pattern SOURCE = Pattern.compile("(?<!\\S)(/\\S*/)?[\\w.-]+\\.(?:cc|cpp|cu|cuh|h):\\d+ ");

    private static final Pattern NAME = Pattern.compile("\\G\\w+ ");
    private static final Pattern TEMPLATE = Pattern.compile("\\G(?: const)?(?: \\[with [^]]*])? ?");
    private static final Pattern CONDITION = Pattern.compile("^.{1,500}? was false\\. (?=\\S)");

    private static final int LONGEST = 500;

    private Reason() {}

    /** On one line, to stand inside a sentence. */
    static String of(OrtException failure) {
        String message = String.valueOf(failure.getMessage());
        String line = CODE.matcher(message).replaceFirst("").strip().replaceAll("\\s*\\R\\s*", " ");
        String reason = withoutSource(NODE.matcher(line).replaceFirst("the $1 node \"$2\" failed: "));
        // It quotes names that the model's author chose.
        return PrintableText.of(reason.isEmpty() ? message : reason, LONGEST);
    }

    private static String withoutSource(String line) {
        Matcher source = SOURCE.matcher(line);
        if (!source.find()) {
            return line;
        }
        int end = source.group(1) == null ? behindName(line, source.end()) : behindFunction(line, source.end());
        String rest = CONDITION.matcher(line.substring(end).strip()).replaceFirst("");
        return (line.substring(0, source.start()) + rest).strip();
    }

    private static int behindName(String line, int from) {
        Matcher name = NAME.matcher(line);
        return name.find(from) ? name.end() : from;
    }

    /** Behind the last of its brackets; the name itself may have some, as a lambda's and an operator's do. */
    private static int behindFunction(String line, int from) {
        int open = 0;
        for (int i = line.indexOf('(', from); i >= 0 && i < line.length(); i++) {
            char c = line.charAt(i);
            open += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == ')' && open == 0 && (i + 1 == line.length() || line.charAt(i + 1) == ' ')) {
                Matcher template = TEMPLATE.matcher(line);
                return template.find(i + 1) ? template.end() : i + 1;
            }
        }
        return from;
    }
}
