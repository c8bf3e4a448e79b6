/** The words, names and hosts that bench mail is made of. */
export const englishWords =
  `the of and to in is that for it as was with be by on not he his but at are this have from or had an they which one you were her all she there would their we him been has when who will more no if out so said what up its about into than them can only other new some could time these two may then do first any my now such like our over man me even most made after also did many before must through back years where much your way well down should because each just those people how too little state good very make world still own see men work long get here between both life being under never day same another know while last might us great old year off come since against go came right used take three meeting invoice project schedule report delivery contract budget review draft attached update release server customer order payment`.split(
    ' ',
  );
export const frenchWords =
  `le la les de des du un une et à en que qui dans pour par sur avec ne pas plus ce cette ces il elle nous vous ils être avoir fait été très où après déjà même aussi élève réunion février août décembre société équipe projet dossier pièce jointe facture règlement délai échéance contrat réponse congés français préparé reçu envoyé créé modifié vérifié côté hôtel forêt naïve maïs Noël garçon leçon façon ça voilà bientôt peut-être aujourd'hui demain semaine prochaine merci d'avance cordialement bonjour madame monsieur`.split(
    ' ',
  );
export const firstNames = [
  'Anne',
  'Hélène',
  'Jürgen',
  'Marc',
  'Léa',
  'Olivier',
  'François',
  'Zoë',
  'Paul',
  'Ingrid',
  'Søren',
  'Chloé',
  'John',
  'Mary',
  'Wei',
  'Aïcha',
  'Tomáš',
  'Inès',
  'Robert',
  'Claire',
];
export const lastNames = [
  'Dupont',
  'Lefèvre',
  'Müller',
  'Smith',
  'García',
  'Bélanger',
  'Nguyen',
  'Martin',
  "O'Brien",
  'Kowalski',
  'Rossi',
  'Çelik',
  'Johansson',
  'Moreau',
  'Benoît',
  'Taylor',
  'Fischer',
  'Roux',
  'Ng',
  'Petit',
];
export const hosts = [
  'example.com',
  'example.net',
  'example.org',
  'lists.example.org',
  'societe.example',
  'uni.example.edu',
  'shop.example.com',
  'mail.example.fr',
];
export const userAgents = [
  'Mozilla Thunderbird',
  'Microsoft Outlook 16.0',
  'Apple Mail (2.3774.300.61.1.2)',
  'Roundcube Webmail/1.6.5',
  'KMail',
  'mutt/2.2.9',
  'PHPMailer 6.8.0',
];
export const topics = [
  'budget',
  'réunion de service',
  'invoice',
  'weekly report',
  'dossier n°',
  'delivery',
  "congés d'été",
  'release',
  'contrat',
  'your order',
  'minutes',
  'proposition',
];
export const dayNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
export const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
