package io.embeddingoperator.runner.source.s3;

import io.embeddingoperator.runner.failure.SpecificationException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A glob over the keys of objects, as a shell's over paths: a star stays within a folder, two of them do not. Java's own globs
 * match paths of the file system, and not every key is one.
 */
final class KeyGlob {
    private static final Pattern FIXED = Pattern.compile("[^*?\\[{\\\\]*");
    private static final Pattern HIDDEN_NAME = Pattern.compile("(^|/)[._]");

    private final String glob;
    private final String fixed;
    private final boolean namesHidden;
    private final Pattern pattern;
    private int at;

    private KeyGlob(String glob) {
        this.glob = glob;
        Matcher first = FIXED.matcher(glob);
        this.fixed = first.lookingAt() ? first.group() : "";
        this.namesHidden =
                HIDDEN_NAME.matcher(glob.substring(folders().length())).find();
        this.pattern = Pattern.compile(regex(), Pattern.DOTALL);
    }

    static KeyGlob of(String glob) {
        try {
            return new KeyGlob(glob);
        } catch (PatternSyntaxException e) {
            throw new SpecificationException(
                    "spec.source.s3.path is %s, which is no glob: %s".formatted(glob, e.getDescription()), e);
        }
    }

    /** Every key but those with a hidden name. */
    static KeyGlob any() {
        return of("**");
    }

    /** What every key that matches begins with. */
    String fixed() {
        return fixed;
    }

    /**
     * Whether the rest of a key matches. Names that begin with a dot or an underscore are what Spark, Hive and their like leave beside
     * the data: they match only where the glob has such a name.
     */
    boolean matches(String rest) {
        return pattern.matcher(rest).matches()
                && (namesHidden
                        || !HIDDEN_NAME
                                .matcher(rest.substring(folders().length()))
                                .find());
    }

    @Override
    public String toString() {
        return glob;
    }

    /** The folders that are named before the first pattern: they are looked through under any name. */
    private String folders() {
        return fixed.substring(0, fixed.lastIndexOf('/') + 1);
    }

    private String regex() {
        StringBuilder regex = new StringBuilder();
        boolean inChoice = false;
        while (at < glob.length()) {
            boolean startsName = at == 0 || glob.charAt(at - 1) == '/';
            char next = glob.charAt(at++);
            switch (next) {
                case '*' -> regex.append(stars(startsName));
                case '?' -> regex.append("[^/]");
                case '[' -> regex.append("(?!/)").append(characters());
                case '{' -> {
                    refuse(inChoice, "{ stands within { }");
                    inChoice = true;
                    regex.append("(?:");
                }
                case '}' -> {
                    regex.append(inChoice ? ")" : "\\}");
                    inChoice = false;
                }
                case ',' -> regex.append(inChoice ? "|" : ",");
                case '\\' -> {
                    refuse(at == glob.length(), "it ends with \\");
                    regex.append(Pattern.quote(glob.substring(at, ++at)));
                }
                default -> regex.append(Pattern.quote(Character.toString(next)));
            }
        }
        refuse(inChoice, "{ without }");
        return regex.toString();
    }

    /** {@code a/**}{@code /b} also means {@code a/b}, as in a shell. */
    private String stars(boolean startsName) {
        if (at == glob.length() || glob.charAt(at) != '*') {
            return "[^/]*";
        }
        at++;
        if (startsName && at < glob.length() && glob.charAt(at) == '/') {
            at++;
            return "(?:.*/)?";
        }
        return ".*";
    }

    private String characters() {
        int end = glob.indexOf(']', at + 1);
        refuse(end < 0, "[ without ]");
        String listed = glob.substring(at, end);
        at = end + 1;
        boolean isNegated = listed.startsWith("!");
        String escaped = listed.substring(isNegated ? 1 : 0).replaceAll("[\\\\\\[\\]&^]", "\\\\$0");
        return (isNegated ? "[^" : "[") + escaped + "]";
    }

    private void refuse(boolean isWrong, String description) {
        if (isWrong) {
            throw new PatternSyntaxException(description, glob, at);
        }
    }
}
