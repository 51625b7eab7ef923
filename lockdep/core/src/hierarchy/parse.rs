//! Turns the lines of a text into items: classes at columns, ends of trees, directives.

use super::error::{Fault, OrderError, Spot};
use super::scan::{Mention, Notation, Scanner};
use super::{Hierarchy, build, names};

/// One fact of a text, in its order.
#[derive(Debug)]
pub(super) enum Item {
    /// The next class is a root.
    End,
    /// Alternatives of one rank, at a column.
    Classes {
        column: usize,
        names: Vec<Mention>,
        note: Option<String>,
    },
    Closed(Spot),
    Open(Spot),
    Leaf(Vec<Mention>),
    Nest(Mention, String),
    Read {
        taken: Mention,
        held: Mention,
    },
    Apart(Vec<Mention>),
    Alias {
        name: Mention,
        of: Mention,
    },
}

impl Hierarchy {
    /// Reads a `lockdep order v1` file.
    ///
    /// # Errors
    ///
    /// Every error of the text, in its order.
    pub fn parse(text: &str) -> Result<Hierarchy, Vec<OrderError>> {
        let mut parser = Parser::new(Scanner::new(text, 0, Notation::Order));
        parser.header();
        parser.order();
        build::build(parser.items, parser.scanner.faults, &[], Vec::new())
    }

    /// Reads one comment in the kernel's notation: trees without header and directives. The leader ` *` is stripped,
    /// tabs count eight columns, footnotes and lines that end in a colon are skipped. A heading such as
    /// `* hugetlbfs pages take locks in this order:` opens a scope: the names of the tree below it get the prefix
    /// `hugetlbfs::`, because there they stand for other classes than elsewhere.
    ///
    /// # Errors
    ///
    /// Every error of the text, in its order.
    pub fn parse_kernel_comment(text: &str) -> Result<Hierarchy, Vec<OrderError>> {
        Hierarchy::parse_kernel(&[("", text)], &[], Vec::new())
    }

    /// Reads several comments of the kernel, named, as one hierarchy. Such comments call one class by several names, so
    /// the caller says which `(alias, canonical name)` are the same.
    ///
    /// # Errors
    ///
    /// Every error, by text; two comments that contradict each other are one.
    pub fn parse_kernel_comments(
        texts: &[(&str, &str)],
        aliases: &[(&str, &str)],
    ) -> Result<Hierarchy, Vec<OrderError>> {
        Hierarchy::parse_kernel(texts, aliases, texts.iter().map(|(name, _)| (*name).to_owned()).collect())
    }

    fn parse_kernel(
        texts: &[(&str, &str)],
        aliases: &[(&str, &str)],
        origins: Vec<String>,
    ) -> Result<Hierarchy, Vec<OrderError>> {
        let (mut items, mut faults) = (Vec::new(), Vec::new());
        for ((_, text), origin) in texts.iter().zip(0u32..) {
            let mut parser = Parser::new(Scanner::new(text, origin, Notation::Kernel));
            parser.kernel(aliases);
            items.extend(parser.items);
            faults.extend(parser.scanner.faults);
        }
        build::build(items, faults, aliases, origins)
    }
}

struct Parser<'t> {
    scanner: Scanner<'t>,
    items: Vec<Item>,
    row: usize,
}

impl<'t> Parser<'t> {
    fn new(scanner: Scanner<'t>) -> Parser<'t> {
        Parser { scanner, items: Vec::new(), row: 0 }
    }

    /// Reads the first line that is neither blank nor a comment.
    fn header(&mut self) {
        while self.scanner.go(self.row) {
            if self.scanner.is_done() {
                self.row += 1;
                continue;
            }
            let line = self.scanner.rest();
            let spot = self.scanner.spot_of_rest();
            let words: Vec<&str> = line.split_whitespace().take_while(|word| !word.starts_with('#')).collect();
            let fault = match words[..] {
                ["lockdep", "order", "v1"] => None,
                ["lockdep", "order", ..] => {
                    Some(Fault::new(&spot, "this version is not known; expected `lockdep order v1`"))
                }
                _ => {
                    let help = "the first line says which notation follows";
                    self.scanner.fault(Fault::new(&spot, "expected `lockdep order v1`").help(help));
                    return;
                }
            };
            self.scanner.faults.extend(fault);
            self.row += 1;
            return;
        }
        let spot = Spot { origin: 0, line: 1, column: 1, start: 0, end: 0 };
        self.scanner.fault(Fault::new(&spot, "expected `lockdep order v1`").help("the file is empty"));
    }

    fn order(&mut self) {
        let mut below_directive = false;
        while self.scanner.go(self.row) {
            let start = self.scanner.at;
            let column = self.scanner.indentation();
            if self.scanner.rest().is_empty() {
                self.items.push(Item::End);
                below_directive = false;
            } else if !self.scanner.is_done() {
                if self.scanner.text[start..self.scanner.at].contains('\t') {
                    let spot = self.scanner.spot(start, self.scanner.at);
                    self.scanner.fault(Fault::new(&spot, "a tab in the indentation").help("indent with spaces"));
                }
                let keyword = self.keyword(column);
                if below_directive && keyword.is_none() && column > 0 {
                    let spot = self.scanner.spot_of_rest();
                    let help = "a blank line starts a new tree";
                    self.scanner.fault(Fault::new(&spot, "nothing stands below a directive").help(help));
                }
                match keyword {
                    Some(keyword) => self.directive(keyword),
                    None => self.classes(column, None),
                }
                below_directive = keyword.is_some() || (below_directive && column > 0);
            }
            self.row = self.scanner.row + 1;
        }
    }

    /// The directive that starts here: a keyword in the first column, alone for `closed` and `open`, with something
    /// after it for the others.
    fn keyword(&mut self, column: usize) -> Option<&'static str> {
        let rest = self.scanner.rest();
        let keyword = names::DIRECTIVES.into_iter().find(|word| {
            rest.strip_prefix(word).is_some_and(|after| after.is_empty() || after.starts_with(char::is_whitespace))
        })?;
        let after = rest[keyword.len()..].trim_start();
        let alone = after.is_empty() || after.starts_with('#');
        (column == 0 && alone == matches!(keyword, "closed" | "open")).then_some(keyword)
    }

    fn directive(&mut self, keyword: &'static str) {
        let spot = self.scanner.spot_of_rest();
        self.scanner.at += keyword.len();
        self.items.push(Item::End);
        let item = match keyword {
            "closed" => Some(Item::Closed(spot)),
            "open" => Some(Item::Open(spot)),
            "leaf" => Some(Item::Leaf(self.scanner.names(&[]))),
            "apart" => Some(Item::Apart(self.scanner.names(&[]))),
            "nest" => self.two("by").and_then(|class| {
                let key = self.key()?;
                Some(Item::Nest(class, key))
            }),
            "read" => self.two("below").and_then(|taken| Some(Item::Read { taken, held: self.scanner.name(&[])? })),
            _ => self.two("=").and_then(|name| Some(Item::Alias { name, of: self.scanner.name(&[])? })),
        };
        let Some(item) = item else { return };
        if !matches!(item, Item::Nest(..)) {
            self.scanner.note();
            self.end_of_line();
        }
        if let Item::Apart(names) = &item
            && names.len() < 2
        {
            self.scanner.fault(Fault::new(&spot, "expected `apart CLASS, CLASS`"));
            return;
        }
        self.items.push(item);
    }

    /// Reads the class and the word of `nest A by`, `read A below`, `alias A =`.
    fn two(&mut self, word: &str) -> Option<Mention> {
        let class = self.scanner.name(&[word])?;
        self.scanner.skip_blanks();
        if self.scanner.eat(word) {
            return Some(class);
        }
        let form = match word {
            "by" => "nest CLASS by KEY",
            "below" => "read CLASS below CLASS",
            _ => "alias NAME = CLASS",
        };
        let help = "a class whose name starts with this word is written in backquotes";
        self.scanner.fault(Fault::new(&class.spot, format!("expected `{form}`")).help(help));
        None
    }

    /// Reads the key of `nest`: anything up to a comment.
    fn key(&mut self) -> Option<String> {
        let done = self.scanner.is_done();
        let rest = self.scanner.rest();
        let spot = self.scanner.spot_of_rest();
        let end = rest.find(" #").or_else(|| rest.find("\t#")).unwrap_or(rest.len());
        if done || end == 0 {
            self.scanner.fault(Fault::new(&spot, "expected a key").help("as in `nest Inode::i_rwsem by ino`"));
            return None;
        }
        Some(rest[..end].trim().to_owned())
    }

    /// Reads the names of one line of a tree, and the annotation.
    fn classes(&mut self, column: usize, scope: Option<(&str, &[(&str, &str)])>) {
        if self.scanner.eat("->") {
            self.scanner.skip_blanks();
        }
        let mut names = self.scanner.names(&[]);
        let note = self.scanner.note();
        self.end_of_line();
        if let Some((scope, aliases)) = scope {
            for mention in &mut names {
                let canonical = aliases.iter().find(|(alias, _)| *alias == mention.name);
                mention.name = format!("{scope}::{}", canonical.map_or(mention.name.as_str(), |(_, name)| name));
            }
        }
        self.items.push(Item::Classes { column, names, note });
    }

    fn end_of_line(&mut self) {
        if self.scanner.notation == Notation::Order && !self.scanner.is_done() {
            let spot = self.scanner.spot_of_rest();
            let help = "a comment starts with `#`; a name with commas or parentheses stands in backquotes";
            self.scanner.fault(Fault::new(&spot, "unexpected text").help(help));
        }
    }

    fn kernel(&mut self, aliases: &[(&str, &str)]) {
        self.items.push(Item::End);
        let mut scope: Option<&str> = None;
        let mut in_tree = false;
        while self.scanner.go(self.row) {
            let column = self.scanner.indentation();
            let line = self.scanner.rest().trim_end();
            if line.is_empty() {
                self.items.push(Item::End);
                if in_tree {
                    scope = None;
                }
                in_tree = false;
            } else if line.ends_with(':') {
                self.items.push(Item::End);
                in_tree = false;
                scope = line.contains("take locks").then(|| first_word(line));
            } else {
                self.classes(column, scope.map(|scope| (scope, aliases)));
                in_tree = true;
            }
            self.row = self.scanner.row + 1;
        }
    }
}

/// The first word of a heading, its bullet aside.
fn first_word(line: &str) -> &str {
    line.trim_start_matches(['*', ' ', '\t']).split_whitespace().next().unwrap_or("other")
}
