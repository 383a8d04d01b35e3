"""The fields that every lead of the CRM has, in the order of a live answer."""

from __future__ import annotations

LEAD_STATUSES = ("unqualified", "open", "qualified", "contact", "customer", "contactWithOpp")
"""All that the CRM has, by the order in which a lead usually goes through them (crm-api 4.2); more may come."""

SYSTEM_FIELDS = {
    "id": "the CRM's id of the lead",
    "accountID": "the account (company) that it belongs to",
    "ownerID": "the user who owns it",
    "companyName": "the company's name",
    "title": "what the person is there",
    "firstName": "the first name",
    "lastName": "the last name",
    "street": "the street",
    "city": "the city",
    "country": "the country",
    "state": "the state",
    "zipcode": "the ZIP code, which is text",
    "emailAddress": "the e-mail address; compared without regard to case",
    "website": "the website",
    "phoneNumber": "the telephone number, as it was typed in",
    "officePhoneNumber": "the telephone number of the office",
    "phoneNumberExtension": "the extension",
    "mobilePhoneNumber": "the mobile number",
    "faxNumber": "the fax number",
    "description": "a description",
    "campaignID": "the campaign that it came by",
    "trackingID": "the tracking id",
    "industry": "the industry",
    "active": "1 or 0",
    "isQualified": "1 or 0",
    "isContact": "1 or 0",
    "isCustomer": "1 or 0",
    "status": "a number whose meaning the vendor does not document",
    "updateTimestamp": "when it was last changed",
    "createTimestamp": "when it was created",
    "leadScoreWeighted": "the score, weighted by age",
    "leadScore": "the score",
    "isUnsubscribed": "1 or 0",
    "leadStatus": "unqualified, open, qualified, contact, customer or contactWithOpp",
    "persona": "the persona",
}
"""Each with what it says (crm-api 4.1)."""
